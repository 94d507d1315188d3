import type * as z from 'zod';
import { refuse, type ArmError } from '../../world/azure/arm-error.js';
import type { ArmRequest } from './http.js';

type Dialect = 'arm' | 'compute' | 'network';

/** Reads and checks a JSON body. Raises the refusal in the words of the provider: ARM itself, compute or network. */
export function parseBody<T>(request: ArmRequest, schema: z.ZodType<T>, dialect: Dialect): T {
  const media = request.headers['content-type'];
  if (!/^application\/json\b/i.test(media ?? '')) {
    throw refuse(
      415,
      'UnsupportedMediaType',
      `The content media type '${media ?? '<null>'}' is not supported. Only 'application/json' is supported.`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(request.rawBody);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw dialect === 'network'
      ? networkError('InvalidJson', detail)
      : refuse(
          400,
          'InvalidRequestContent',
          `The request content was invalid and could not be deserialized: '${detail}'.`,
        );
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (!issue) throw refuse(400, 'BadRequest', 'The request is invalid.');
  throw refusalOf(issue, json, dialect);
}

function refusalOf(issue: z.core.$ZodIssue, json: unknown, dialect: Dialect): ArmError {
  const path = issue.path.map(String);
  const name = path.filter((part) => part !== 'properties').join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const text = `Could not find member '${key}' on object of type '${typeName(path)}'. Path '${[...path, key].join('.')}', line 1, position 1.`;
    return dialect === 'network'
      ? networkError('InvalidJson', text)
      : refuse(400, dialect === 'arm' ? 'InvalidRequestContent' : 'BadRequest', text);
  }
  if (name === 'location' && valueAt(json, path) === undefined) {
    return refuse(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  if (dialect === 'network') return networkError('InvalidJson', `${name}: ${issue.message}`);
  if (valueAt(json, path) === undefined) {
    return refuse(400, 'InvalidParameter', `Required parameter '${name}' is missing (null).`, { target: name });
  }
  return refuse(400, 'InvalidParameter', `The value of parameter ${name} is invalid.`, { target: name });
}

const networkError = (code: string, message: string): ArmError =>
  refuse(400, 'InvalidRequestFormat', 'Cannot parse the request.', { details: [{ code, message }] });

/** `storageProfile` of `Path properties.storageProfile` is called `StorageProfile`. */
function typeName(path: readonly string[]): string {
  const last = path.filter((part) => !/^\d+$/.test(part)).at(-1) ?? 'resourceDefinition';
  return last.charAt(0).toUpperCase() + last.slice(1);
}

function valueAt(json: unknown, path: readonly string[]): unknown {
  let value = json;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
