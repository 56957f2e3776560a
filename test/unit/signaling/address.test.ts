import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountAddress, isOriginAllowed } from '../../../signaling/address.ts';

describe('whom a connection is counted against', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('[SIG-9] counts %s as %s', (socket, account) => {
    expect(accountAddress(socket, '198.51.100.1', 0)).toBe(account);
  });

  it('[SIG-9] believes only what trusted proxies wrote into X-Forwarded-For', () => {
    const header = '1.1.1.1, 2.2.2.2, 3.3.3.3';
    expect(accountAddress('10.0.0.1', header, 0)).toBe('10.0.0.1');
    expect(accountAddress('10.0.0.1', header, 1)).toBe('3.3.3.3');
    expect(accountAddress('10.0.0.1', header, 2)).toBe('2.2.2.2');
    expect(accountAddress('10.0.0.1', undefined, 1)).toBe('10.0.0.1');
    expect(accountAddress('10.0.0.1', '1.1.1.1, nonsense', 1)).toBe('10.0.0.1');
  });

  it('[SIG-9] makes a short account of any header', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(8), (socket, header, proxies) => {
        expect(accountAddress(socket, header, proxies).length).toBeLessThanOrEqual(
          Math.max(socket.length, 45) + 16,
        );
      }),
      { seed: 8 },
    );
  });
});

describe('which pages may connect', () => {
  it.each([
    [undefined, 'h:4444', [], true],
    ['http://h:4444', 'h:4444', [], true],
    ['https://H', 'h', [], true],
    ['http://h:1', 'h:2', [], false],
    ['http://evil.example', 'h', [], false],
    ['http://h@evil.example', 'evil.example', [], false],
    ['null', 'h', [], false],
    ['null', 'null', [], false],
    ['file://h', 'h', [], false],
    ['http://h', undefined, [], false],
    ['https://a.example', 'h', ['https://a.example'], true],
    ['https://b.example', 'h', ['https://a.example'], false],
    ['http://h', 'h', ['https://a.example'], true],
    ['https://b.example', 'h', ['*'], true],
  ])('[SIG-13] origin %s at host %s with %j allowed: %s', (origin, host, allowed, expected) => {
    expect(isOriginAllowed(origin, host, allowed)).toBe(expected);
  });
});
