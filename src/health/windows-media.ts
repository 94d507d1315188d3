/** Installation media that can be fetched ahead of dockur. */
export interface WindowsMedia {
  /** The name under which dockur looks for it in its storage directory. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly url: string;
}

/**
 * Media by dockur's VERSION, as in its catalogue (dockur/windows 6.05, src/define.sh, getMido; 11e is the same in 5.14).
 * Other versions are left to dockur. The evaluation of Windows 11 25H2, English.
 */
const ENTERPRISE_EVALUATION: WindowsMedia = {
  file: 'win11x64-enterprise-eval.iso',
  bytes: 7_092_807_680,
  sha256: 'a61adeab895ef5a4db436e0a7011c92a2ff17bb0357f58b13bbc4062e535e7b9',
  url:
    'https://software-static.download.prss.microsoft.com/dbazure/888969d5-f34g-4e03-ac9d-1f9786c66749/' +
    '26200.6584.250915-1905.25h2_ge_release_svc_refresh_CLIENTENTERPRISEEVAL_OEMRET_x64FRE_en-us.iso',
};

const MEDIA: Readonly<Record<string, WindowsMedia>> = {
  '11e': ENTERPRISE_EVALUATION,
  'win11x64-enterprise-eval': ENTERPRISE_EVALUATION,
};

/** What an installation with these settings needs and waa fetches; undefined when dockur does it. */
export function mediaFor(windows: { readonly version: string; readonly fetchIso: boolean }): WindowsMedia | undefined {
  return windows.fetchIso ? MEDIA[windows.version] : undefined;
}
