import { describe, expect, it } from 'vitest';
import { familiarName, parseImageReference, withDigest } from '../../../src/config/image-reference.js';

const digest = `sha256:${'a'.repeat(64)}`;

describe('image references', () => {
  it.each([
    ['ubuntu', { host: 'docker.io', repository: 'library/ubuntu', tag: 'latest' }],
    ['ubuntu:24.04', { host: 'docker.io', repository: 'library/ubuntu', tag: '24.04' }],
    ['docker.io/dockurr/windows:6.05', { host: 'docker.io', repository: 'dockurr/windows', tag: '6.05' }],
    ['localhost:5000/waa/windows', { host: 'localhost:5000', repository: 'waa/windows', tag: 'latest' }],
    [`a.azurecr.io/waa@${digest}`, { host: 'a.azurecr.io', repository: 'waa', digest }],
    [`dockurr/windows:6.05@${digest}`, { host: 'docker.io', repository: 'dockurr/windows', tag: '6.05', digest }],
  ])('reads %s', (text, parts) => {
    expect(parseImageReference(text)).toEqual(parts);
  });

  it.each(['', 'a//b', 'windows:', 'windows:a b', 'windows@sha256:12', '-windows', 'windows:6.05:7', 'http://a/b'])(
    'refuses "%s"',
    (text) => {
      expect(parseImageReference(text)).toEqual({ invalid: 'invalid reference format' });
    },
  );

  it("refuses upper case in Docker's words", () => {
    expect(parseImageReference('WindowsArena/winarena')).toEqual({
      invalid: 'invalid reference format: repository name must be lowercase',
    });
  });

  it('shows a name as Docker does', () => {
    expect(familiarName({ host: 'docker.io', repository: 'library/ubuntu' })).toBe('ubuntu');
    expect(familiarName({ host: 'a.azurecr.io', repository: 'waa' })).toBe('a.azurecr.io/waa');
  });

  it('adds a digest once', () => {
    expect(withDigest('a:1', digest)).toBe(`a:1@${digest}`);
    expect(withDigest(`a:1@${digest}`, `sha256:${'b'.repeat(64)}`)).toBe(`a:1@${digest}`);
    expect(withDigest('a:1', undefined)).toBe('a:1');
  });
});
