/** Everything of the screens that a board's first look does without; late-screens.ts loads it behind that. Only what looks at its properties no earlier than when it is drawn. Decisions are a chunk of their own. */
import './elements/archive-panel.ts';
import './elements/card-sheet.ts';
import './elements/conflict-dialog.ts';
import './elements/help-dialog.ts';
import './elements/move-dialog.ts';
import './elements/recording.ts';
import './screens/home.ts';
import './screens/join.ts';
import './screens/share.ts';
