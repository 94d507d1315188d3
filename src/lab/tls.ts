import { generate } from 'selfsigned';

/** A server's key and certificate, and the authority a client must trust. PEM. */
export interface LabTls {
  readonly caPem: string;
  readonly keyPem: string;
  readonly certPem: string;
}

/** Makes an authority and a server certificate for 127.0.0.1 and localhost, both P-256 and valid for a year of real time. */
export async function createLabTls(): Promise<LabTls> {
  const common = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: 'waa lab authority' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  return { caPem: authority.cert, keyPem: server.private, certPem: server.cert };
}
