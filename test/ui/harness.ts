/** The page of the UI tests: the real screens on a fake application, chosen by the query (cards, role, state, contested, empty, scratch, troubled, barred, muted, closed, group, trouble). */
import { mountApp, mountTrouble } from '../../src/ui/app-shell.ts';
import { FakeApp, type FakeOptions } from './fake-app.ts';
import { GROUPS } from './fake-council.ts';

declare global {
  var fakeApp: FakeApp;
  /** What the content security policy refused. */
  var refusals: string[];
}

const query = new URLSearchParams(location.search);

function oneOf<Name extends string>(name: string, known: readonly Name[], otherwise: Name): Name {
  return known.find((value) => value === query.get(name)) ?? otherwise;
}

const options: FakeOptions = {
  cards: Number(query.get('cards') ?? '30'),
  role: oneOf('role', ['owner', 'editor', 'viewer', 'agent'], 'owner'),
  state: oneOf('state', ['live', 'split', 'alone', 'offline', 'notSaved'], 'live'),
  contested: query.has('contested'),
  empty: query.has('empty'),
  scratch: query.has('scratch'),
  troubled: query.has('troubled'),
  barred: query.has('barred')
    ? oneOf<'evicted' | 'forked' | 'cut'>('barred', ['evicted', 'forked', 'cut'], 'evicted')
    : null,
  closed: query.has('closed'),
  muted: query.has('muted') ? oneOf<'keyLost' | 'convicted'>('muted', ['convicted'], 'keyLost') : null,
  group: oneOf('group', GROUPS, 'none'),
};

globalThis.refusals = [];
addEventListener('securitypolicyviolation', (event) => {
  globalThis.refusals.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
});

const trouble = query.get('trouble');
globalThis.fakeApp = new FakeApp(options);
if (trouble === null) mountApp(document.body, globalThis.fakeApp);
else mountTrouble(document.body, trouble);
