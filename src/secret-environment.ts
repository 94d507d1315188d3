import { keyVariables } from './config/model-key.js';

const SECRET_VARIABLES = [
  ...Object.values(keyVariables).flat(),
  'AZURE_CLIENT_SECRET',
  'AZURE_CLIENT_CERTIFICATE_PASSWORD',
];

/** Values of this environment that must never be printed. */
export function secretValues(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return SECRET_VARIABLES.flatMap((name) => env[name] ?? []);
}
