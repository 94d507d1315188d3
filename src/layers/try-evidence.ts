import { asWaaError, type Evidence } from '../failures/waa-error.js';

/** One piece of evidence; what cannot be had says why. Never throws. */
export async function tryEvidence(title: string, look: () => Promise<string>): Promise<Evidence> {
  try {
    return { title, text: await look() };
  } catch (error) {
    return { title, text: `could not be read: ${asWaaError(error).message}` };
  }
}
