import { describe, it } from 'vitest';
import { startSshdTarget, whyNoSshd } from './sshd-target.js';
import { sshSuite } from './suite.js';

if (whyNoSshd === undefined) sshSuite('OpenSSH', startSshdTarget);
else describe('ssh client against OpenSSH', () => it.skip(whyNoSshd ?? '', () => undefined));
