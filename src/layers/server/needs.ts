/** What the chosen tasks need of Windows; computed from the tasks by whoever makes the layer. */
export interface ServerNeeds {
  /** Domain or app name to the number of chosen tasks that need it. */
  readonly apps: Readonly<Record<string, number>>;
  /** True when any chosen task fetches something. */
  readonly internet: boolean;
}

/** Of a worker that no tasks were chosen for. */
export const NO_NEEDS: ServerNeeds = { apps: {}, internet: false };

/**
 * Where WAA's setup.ps1 puts what tasks need, by the domain that needs it. Domains whose program is part of Windows
 * (settings, clock, calculator, explorer, notepad, paint) are not here. Source: upstream WAA 6d39ed8, vm/setup/setup.ps1.
 */
export const appFiles: Readonly<Record<string, readonly string[]>> = {
  chrome: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', 'C:\\Users\\Docker\\caddy_windows_amd64.exe'],
  msedge: [
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
    'C:\\Users\\Docker\\caddy_windows_amd64.exe',
  ],
  libreoffice_calc: ['C:\\Program Files\\LibreOffice\\program\\scalc.exe'],
  libreoffice_writer: ['C:\\Program Files\\LibreOffice\\program\\swriter.exe'],
  vlc: ['C:\\Program Files\\VideoLAN\\VLC\\vlc.exe'],
  vs_code: ['C:\\Users\\Docker\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe'],
};
