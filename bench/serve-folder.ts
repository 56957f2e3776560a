/** A process of its own that serves one built folder with our server: `PORT` and the folder as its argument. */
import { builtApplication } from '../signaling/built-application.ts';
import { startServer } from '../signaling/server.ts';
import { readSettings } from '../signaling/settings.ts';

const settings = readSettings(process.env);
if (!settings.ok) throw new Error(settings.text);
await startServer(settings.value, {
  application: builtApplication(process.argv[2] ?? ''),
  version: 'bench',
  report: (line) => console.error(line),
});
process.on('disconnect', () => process.exit(0)); // the bench has ended
