# Counts the programs that tasks need (waa-apps.json), writes waa-inventory.json, and says $true when none is missing.
#
# It also notes when the evaluation ends: 90 days after the installation Windows restarts itself every hour.
$folder = $PSScriptRoot
$wanted = Get-Content -LiteralPath (Join-Path $folder 'waa-apps.json') -Raw | ConvertFrom-Json

$apps = @()
foreach ($app in $wanted.PSObject.Properties) {
    foreach ($path in $app.Value) {
        $present = Test-Path -LiteralPath $path
        $version = $null
        if ($present) { $version = (Get-Item -LiteralPath $path).VersionInfo.ProductVersion }
        $apps += [pscustomobject]@{ name = $app.Name; path = $path; present = $present; version = $version }
    }
}

$ends = $null
try {
    $license = Get-CimInstance -ClassName SoftwareLicensingProduct -Filter "PartialProductKey IS NOT NULL" -ErrorAction Stop |
        Where-Object { $_.Name -like 'Windows*' -and $_.EvaluationEndDate -gt (Get-Date '2000-01-01') } |
        Select-Object -First 1
    if ($license) { $ends = $license.EvaluationEndDate.ToUniversalTime().ToString('s') + 'Z' }
} catch {
    Write-Host "The end of the evaluation cannot be read: $($_.Exception.Message)"
}

$missing = @($apps | Where-Object { -not $_.present } | ForEach-Object { $_.name } | Select-Object -Unique)
$inventory = [pscustomobject]@{
    v              = 1
    at             = (Get-Date).ToUniversalTime().ToString('s') + 'Z'
    windows        = [Environment]::OSVersion.Version.ToString()
    evaluationEnds = $ends
    missing        = $missing
    apps           = $apps
}
$inventory | ConvertTo-Json -Depth 4 | Set-Content -LiteralPath (Join-Path $folder 'waa-inventory.json') -Encoding UTF8

if ($missing.Count -gt 0) { Write-Host "Missing: $($missing -join ', ')" }
return ($missing.Count -eq 0)
