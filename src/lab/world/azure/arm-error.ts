/** One error as Resource Manager writes it, without the HTTP part. */
export interface ArmErrorBody {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly ArmErrorBody[];
  readonly innererror?: Readonly<Record<string, unknown>>;
}

/** A refusal of the emulated Azure: thrown by its parts, answered as HTTP by the wire. Never leaves the lab. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  constructor(
    readonly status: number,
    readonly body: ArmErrorBody,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${body.code}: ${body.message}`);
  }
}

/** Makes the error to throw. */
export function refuse(
  status: number,
  code: string,
  message: string,
  more: Omit<ArmErrorBody, 'code' | 'message'> = {},
): ArmError {
  return new ArmError(status, { code, message, ...more });
}

/** The answer to a parameter that cannot be used; compute names it in `target`. */
export const invalidParameter = (target: string, message = `The value of parameter ${target} is invalid.`): ArmError =>
  refuse(400, 'InvalidParameter', message, { target });

/** The answer to a change of something fixed at creation. */
export const changeNotAllowed = (property: string): ArmError =>
  refuse(409, 'PropertyChangeNotAllowed', `Changing property '${property}' is not allowed.`, { target: property });

/** The network provider's answer to a reference that leads nowhere. */
export const invalidReference = (referenced: string, by: string): ArmError =>
  refuse(
    400,
    'InvalidResourceReference',
    `Resource ${referenced} referenced by resource ${by} was not found. Please make sure that the referenced resource exists, ` +
      'and that both resources are in the same region.',
  );

/** Something the state of a VM forbids. */
export const operationNotAllowed = (message: string): ArmError => refuse(409, 'OperationNotAllowed', message);
