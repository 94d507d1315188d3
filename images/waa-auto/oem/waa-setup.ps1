# Sets Windows up for Windows Agent Arena: settings, then WAA's own setup.ps1 until every program is there, then the
# settings of its scheduled task. May be interrupted at any time and started again.
$ErrorActionPreference = 'Continue'
$folder = $PSScriptRoot
$serverTask = 'WindowsArena_OnLogon'
$resumeTask = 'WaaSetup'
$passes = 3

function Write-Step([string]$text) {
    Write-Output "$((Get-Date).ToUniversalTime().ToString('s'))Z $text"
}

function Set-Value([string]$key, [string]$name, $value) {
    if (-not (Test-Path -LiteralPath $key)) { New-Item -Path $key -Force | Out-Null }
    $type = 'DWord'
    if ($value -is [string]) { $type = 'String' }
    New-ItemProperty -LiteralPath $key -Name $name -Value $value -PropertyType $type -Force | Out-Null
}

# One at a time: the answer file and the task may both start it.
$mutex = New-Object System.Threading.Mutex($false, 'Global\WaaSetup')
if (-not $mutex.WaitOne(0)) {
    Write-Step 'another set-up is at work'
    exit 0
}

Write-Step 'a restart before the end goes on at the next logon'
$action = New-ScheduledTaskAction -Execute 'cmd.exe' -Argument "/d /c `"$folder\install.bat`""
$trigger = New-ScheduledTaskTrigger -AtLogOn -User 'Docker'
Register-ScheduledTask -TaskName $resumeTask -Action $action -Trigger $trigger -User 'Docker' -RunLevel Highest -Force | Out-Null

Write-Step 'settings of the machine'
powercfg.exe /hibernate off
powercfg.exe /change monitor-timeout-ac 0
powercfg.exe /change standby-timeout-ac 0
# The power button of QEMU, which `docker stop` presses, shuts down whatever is on the screen.
powercfg.exe /setacvalueindex SCHEME_CURRENT SUB_BUTTONS PBUTTONACTION 3
powercfg.exe /setactive SCHEME_CURRENT
# A disk that was not unmounted must not end in Automatic Repair, which waits for a person.
bcdedit.exe /set '{default}' recoveryenabled No
bcdedit.exe /set '{default}' bootstatuspolicy ignoreallfailures
Set-LocalUser -Name 'Docker' -PasswordNeverExpires $true
Set-Value 'HKLM:\SYSTEM\CurrentControlSet\Control\Lsa' 'LimitBlankPasswordUse' 0
Set-Value 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\Personalization' 'NoLockScreen' 1
Set-Value 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU' 'NoAutoUpdate' 1
Set-Value 'HKLM:\SOFTWARE\Policies\Microsoft\Edge' 'HideFirstRunExperience' 1
Set-Value 'HKLM:\SOFTWARE\Policies\Google\Chrome' 'BrowserSignin' 0
Set-Value 'HKLM:\SOFTWARE\Policies\Google\Chrome' 'SyncDisabled' 1
Set-Value 'HKLM:\SOFTWARE\Policies\Google\Chrome' 'PromotionalTabsEnabled' 0
foreach ($port in 5000, 9222) {
    $rule = "waa-$port"
    if (-not (Get-NetFirewallRule -Name $rule -ErrorAction SilentlyContinue)) {
        New-NetFirewallRule -Name $rule -DisplayName $rule -Direction Inbound -Protocol TCP -LocalPort $port -Action Allow -Profile Any | Out-Null
    }
}

Write-Step 'settings of the user'
Set-Value 'HKCU:\Control Panel\Desktop' 'AutoEndTasks' '1'
$explorer = 'HKCU:\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Advanced'
Set-Value $explorer 'HideFileExt' 0
Set-Value $explorer 'ShowTaskViewButton' 0
Set-Value $explorer 'TaskbarDa' 0
Set-Value $explorer 'TaskbarMn' 0
Set-Value 'HKCU:\SOFTWARE\Microsoft\Windows\CurrentVersion\PushNotifications' 'ToastEnabled' 0
Set-Value 'HKCU:\Control Panel\UnsupportedHardwareNotificationCache' 'SV1' 0
Set-Value 'HKCU:\Control Panel\UnsupportedHardwareNotificationCache' 'SV2' 0

Write-Step 'waiting for the network'
for ($try = 0; $try -lt 60; $try++) {
    if (Test-NetConnection -ComputerName 'www.python.org' -Port 443 -InformationLevel Quiet -WarningAction SilentlyContinue) { break }
    Start-Sleep -Seconds 10
}

# setup.ps1 asks waa-inventory.ps1 before it starts the server and ends with 3 when a program is missing, so that nobody
# measures with half of them. The last pass goes on all the same: waa then says which tasks cannot be run.
for ($pass = 1; $pass -le $passes; $pass++) {
    Write-Step "setup.ps1, pass $pass of $passes"
    $env:WAA_LAST_PASS = [int]($pass -eq $passes)
    powershell.exe -ExecutionPolicy Bypass -File "$folder\setup.ps1"
    Write-Step "setup.ps1 ended with $LASTEXITCODE"
    if ($LASTEXITCODE -eq 0) { break }
}

# A scheduled task is ended after three days unless told otherwise; a worker may live longer.
$task = Get-ScheduledTask -TaskName $serverTask -ErrorAction SilentlyContinue
if (-not $task) {
    Write-Step "there is no task ${serverTask}: the next logon tries again"
    exit 1
}
$settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -ExecutionTimeLimit ([TimeSpan]::Zero)
Set-ScheduledTask -TaskName $serverTask -Settings $settings | Out-Null

# Last, because the screen goes dark for a moment while the driver is changed.
Write-Step 'display driver'
pnputil.exe /add-driver "$env:SystemRoot\Drivers\viogpudo\viogpudo.inf" /install

& "$folder\waa-inventory.ps1" | Out-Null
New-Item -ItemType File -Path "$folder\waa-setup.done" -Force | Out-Null
Unregister-ScheduledTask -TaskName $resumeTask -Confirm:$false
Write-Step 'done'
exit 0
