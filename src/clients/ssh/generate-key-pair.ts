import { fail } from '../../failures/waa-error.js';

export interface KeyPair {
  /** OpenSSH private key file. */
  readonly private: string;
  /** One authorized_keys line. */
  readonly public: string;
}

/** Far more than ever needed: about one key in 256 is spoilt. */
const TRIES = 20;

/**
 * A new ed25519 pair that can be read back. ssh2 1.17 loses a leading zero byte of some private keys and then calls its
 * own file malformed, so each pair is parsed before it is handed out.
 */
export async function generateKeyPair(comment: string): Promise<KeyPair> {
  const { default: ssh2 } = await import('ssh2');
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    const privateHalf = ssh2.utils.parseKey(pair.private);
    const publicHalf = ssh2.utils.parseKey(pair.public);
    if (privateHalf instanceof Error || publicHalf instanceof Error) continue;
    if (privateHalf.getPublicSSH().equals(publicHalf.getPublicSSH())) return pair;
  }
  throw fail('BUG', { what: 'no readable ed25519 key could be made' });
}
