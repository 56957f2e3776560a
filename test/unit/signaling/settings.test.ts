import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turnEntry } from '../../../signaling/ice-servers.ts';
import { explainListenError } from '../../../signaling/listen-error.ts';
import { readSettings } from '../../../signaling/settings.ts';

describe('settings', () => {
  it('[SIG-26] has a default for everything, and takes an empty variable for an absent one', () => {
    const expected = {
      ok: true,
      value: {
        port: 4444,
        host: undefined,
        allowedOrigins: [],
        iceServers: [],
        turn: undefined,
        trustedProxies: 0,
        maxConnections: 4096,
        maxConnectionsPerAddress: 256,
      },
    };
    expect(readSettings({})).toEqual(expected);
    expect(readSettings({ PORT: '', HOST: ' ', ICE_SERVERS: '', TURN_SECRET: '', UNRELATED: 'x' })).toEqual(
      expected,
    );
  });

  it('[SIG-26] reads every variable', () => {
    const read = readSettings({
      PORT: '0',
      HOST: '::1',
      ALLOWED_ORIGINS: 'https://a.example, http://b.example:8080,*',
      ICE_SERVERS:
        '[{"urls":"stun:s.example:3478"},{"urls":["turn:t.example?transport=tcp"],"username":"u","credential":"c"}]',
      TURN_URLS: 'turn:t.example, turns:t.example:443?transport=tcp',
      TURN_SECRET: 'sesame, open',
      TURN_TTL: '600',
      TRUST_PROXY: '2',
      MAX_CONNECTIONS: '10',
      MAX_CONNECTIONS_PER_ADDRESS: '5',
    });
    expect(read).toEqual({
      ok: true,
      value: {
        port: 0,
        host: '::1',
        allowedOrigins: ['https://a.example', 'http://b.example:8080', '*'],
        iceServers: [
          { urls: 'stun:s.example:3478' },
          { urls: ['turn:t.example?transport=tcp'], username: 'u', credential: 'c' },
        ],
        turn: {
          urls: ['turn:t.example', 'turns:t.example:443?transport=tcp'],
          secret: 'sesame, open',
          ttlSeconds: 600,
        },
        trustedProxies: 2,
        maxConnections: 10,
        maxConnectionsPerAddress: 5,
      },
    });
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['HOST', 'two words'],
    ['ALLOWED_ORIGINS', 'example.org'],
    ['ALLOWED_ORIGINS', 'https://example.org/'],
    ['ALLOWED_ORIGINS', 'https://a.example,,'],
    ['ICE_SERVERS', 'stun:s.example'],
    ['ICE_SERVERS', '{"urls":"stun:s.example"}'],
    ['ICE_SERVERS', '[{"urls":"https://s.example"}]'],
    ['ICE_SERVERS', '[{"urls":[]}]'],
    ['ICE_SERVERS', '[{"url":"stun:s.example"}]'],
    ['ICE_SERVERS', JSON.stringify(Array(17).fill({ urls: 'stun:s.example' }))],
    ['TURN_URLS', 'stun:s.example'],
    ['TURN_TTL', '59'],
    ['TRUST_PROXY', 'true'],
    ['MAX_CONNECTIONS', '0'],
    ['MAX_CONNECTIONS_PER_ADDRESS', 'many'],
  ])('[SIG-26] refuses %s=%s in one line that names it', (name, value) => {
    const read = readSettings({ [name]: value });
    expect(read.ok).toBe(false);
    expect(!read.ok && read.text).toMatch(new RegExp(`^${name} must be [^\\n]+\\.$`));
  });

  it('[SIG-26] wants both halves of the TURN service', () => {
    const text = 'TURN_URLS and TURN_SECRET must be given together, or neither.';
    expect(readSettings({ TURN_SECRET: 's' })).toEqual({ ok: false, text });
    expect(readSettings({ TURN_URLS: 'turn:t.example' })).toEqual({ ok: false, text });
  });

  it('[SIG-26] makes settings or one line of any environment', () => {
    const names = [
      'PORT',
      'HOST',
      'ALLOWED_ORIGINS',
      'ICE_SERVERS',
      'TURN_URLS',
      'TURN_SECRET',
      'TRUST_PROXY',
    ];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.string(), fc.json())),
        (environment) => {
          const read = readSettings(environment);
          if (!read.ok) expect(read.text).not.toContain('\n');
        },
      ),
      { seed: 9, numRuns: 500 },
    );
  });

  it('[SIG-28] explains in one line why it cannot listen', () => {
    const because = (code: string): string =>
      explainListenError(Object.assign(new Error('raw'), { code }), { port: 80, host: 'h' });
    expect(because('EADDRINUSE')).toBe(
      'Port 80 is in use: stop the program that has it, or choose another with PORT.',
    );
    expect(because('EACCES')).toContain('PORT');
    expect(because('ENOTFOUND')).toBe('HOST h is not an address of this machine.');
    expect(because('EOTHER')).toBe('The server cannot start: raw');
  });
});

describe('TURN credentials', () => {
  it('[SIG-25] end by themselves: expiry in the name, HMAC-SHA1 of the name as the password', () => {
    const entry = turnEntry(
      { urls: ['turn:t.example'], secret: 'sesame', ttlSeconds: 600 },
      1_700_000_000_500,
    );
    expect(entry).toEqual({
      urls: ['turn:t.example'],
      username: '1700000600:tabswarm',
      credential: createHmac('sha1', 'sesame').update('1700000600:tabswarm').digest('base64'),
    });
  });
});
