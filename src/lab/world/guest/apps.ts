/** Where WAA's setup.ps1 puts what tasks need: app name as tasks say it, file in Windows (upstream WAA, vm/setup). */
export const appPaths: Readonly<Record<string, string>> = {
  chrome: 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  libreoffice_calc: 'C:\\Program Files\\LibreOffice\\program\\scalc.exe',
  libreoffice_writer: 'C:\\Program Files\\LibreOffice\\program\\swriter.exe',
  libreoffice: 'C:\\Program Files\\LibreOffice\\program\\soffice.exe',
  vlc: 'C:\\Program Files\\VideoLAN\\VLC\\vlc.exe',
  gimp: 'C:\\Program Files\\GIMP 2\\bin\\gimp-2.10.exe',
  vs_code: 'C:\\Users\\Docker\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe',
  thunderbird: 'C:\\Program Files\\Mozilla Thunderbird\\thunderbird.exe',
  caddy: 'C:\\Users\\Docker\\caddy_windows_amd64.exe',
  ffmpeg: 'C:\\ffmpeg\\bin\\ffmpeg.exe',
  python: 'C:\\Users\\Docker\\AppData\\Local\\Programs\\Python\\Python310\\python.exe',
};

/** What Windows itself brings, app name and file. */
export const builtInPaths: Readonly<Record<string, string>> = {
  msedge: 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  notepad: 'C:\\Windows\\System32\\notepad.exe',
  file_explorer: 'C:\\Windows\\explorer.exe',
  settings: 'C:\\Windows\\ImmersiveControlPanel\\SystemSettings.exe',
};
