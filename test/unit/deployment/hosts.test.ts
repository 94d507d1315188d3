import { describe, expect, it } from 'vitest';
import { claimOf, hostText, parseDirectory, parseHost, parseHosts } from '../../../src/deployment/hosts.js';

describe('--host', () => {
  it.each([
    ['ssh://me@kvm1', { host: 'kvm1', port: 22, user: 'me' }],
    ['ssh://me@kvm1:2222/', { host: 'kvm1', port: 2222, user: 'me' }],
    ['ssh://kvm1', { host: 'kvm1', port: 22, user: 'ada' }],
    ['ssh://me@[2001:db8::1]:2200', { host: '2001:db8::1', port: 2200, user: 'me' }],
    ['local', { host: 'localhost', port: 0, user: 'ada', local: true }],
  ])('%s', (text, address) => {
    expect(parseHost(text, 'ada')).toEqual(address);
    expect(parseHost(hostText(parseHost(text, 'ada')), 'ada')).toEqual(address);
  });

  it.each([
    ['', 'begin with ssh://'],
    ['me@kvm1', 'begin with ssh://'],
    ['http://kvm1', 'begin with ssh://'],
    ['ssh://', 'host'],
    ['ssh://kvm1:99999', 'port'],
    ['ssh://kvm1:0', 'port 0'],
    ['ssh://me:secret@kvm1', 'password'],
    ['ssh://kvm1/home', 'nothing may follow'],
    ['ssh://-oProxyCommand=x@kvm1', 'no name of a user'],
  ])('refuses "%s" and says why', (text, why) => {
    expect(() => parseHost(text, 'ada')).toThrow(why);
  });

  it('takes a host once', () => {
    expect(() => parseHosts(['ssh://a@kvm1', 'ssh://b@kvm1:22'], 'ada')).toThrow('twice');
    expect(parseHosts(['ssh://a@kvm1', 'ssh://a@kvm1:23'], 'ada')).toHaveLength(2);
  });

  it.each(['/', 'data', '/a/../b', '/a:b', '/a//b', '', '/a\nb'])('refuses the directory "%s"', (path) => {
    expect(() => parseDirectory('--data-directory', path)).toThrow('absolute path');
  });

  it('takes a directory with blanks, without the slash at its end', () => {
    expect(parseDirectory('--data-directory', "/srv/da ta's/")).toBe("/srv/da ta's");
  });
});

describe('the mark on a host', () => {
  const parts = { deployment: 'default', worker: 'w0', owner: 'ada', home: '/home/ada/.waa', machine: 'laptop' };

  it('is the same for the same deployment, and another for every other', () => {
    expect(claimOf({ ...parts, owner: 'Ada' }).id).toBe(claimOf(parts).id);
    const others = [{ deployment: 'b' }, { worker: 'w1' }, { home: '/root/.waa' }, { machine: 'desk' }];
    const ids = new Set([parts, ...others.map((other) => ({ ...parts, ...other }))].map((one) => claimOf(one).id));
    expect(ids.size).toBe(5);
  });

  it('is one line for people', () => {
    expect(claimOf({ ...parts, home: '/a\nb' }).text).not.toContain('\n');
  });
});
