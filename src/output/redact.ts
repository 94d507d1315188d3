/** Removes secrets from a text. */
export type Redact = (text: string) => string;

const MASK = '***';
/** Shorter values would blot out ordinary words. */
const SHORTEST = 6;

/**
 * Strings that are keys by their look, wherever they come from. None matches across a quote or a backslash, so that
 * redacted JSON stays JSON. The first group, when there is one, is kept.
 */
const KEY_LIKE: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=")|$)/g,
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g, // OpenAI, Anthropic (sk-ant-...)
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g, // GitHub
  /\bxox[abeprs]-[A-Za-z0-9-]{10,}/g, // Slack tokens
  /(hooks\.slack\.com\/services\/)[A-Za-z0-9/]+/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g, // JSON web tokens: Azure access tokens
  /\b((?:Bearer|Basic)\s+)[A-Za-z0-9._~+/-]{12,}=*/gi,
  /([?&;](?:sig|code)=)[^&\s"'\\]+/gi, // shared access signatures, function keys
  /((?:AccountKey|SharedAccessKey)=)[A-Za-z0-9+/=]+/gi, // storage connection strings
  /((?:api[-_ ]?key|password|passwd|client[-_]?secret|access[-_]?token|refresh[-_]?token)\\?["']?\s*[:=]\s*\\?["']?)[^\s"'\\,;&]{6,}/gi,
];

/** Makes a redactor of the values that are secret now, in every form they travel in, and of whatever looks like a key. */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ]);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const form of longestFirst) clean = clean.replaceAll(form, MASK);
    for (const pattern of KEY_LIKE) {
      clean = clean.replace(pattern, (_match, kept: unknown) => (typeof kept === 'string' ? `${kept}${MASK}` : MASK));
    }
    return clean;
  };
}

/** The same value with every string in it redacted. Arrays and plain objects are walked, keys are kept. */
export function redactDeep(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  if (writesItself(value)) return redactDeep(value.toJSON(), redact);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactDeep(item, redact)]));
}

function writesItself(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
