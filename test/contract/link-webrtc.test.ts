import { RealLinkNetwork } from '../support/real-links.ts';
import { describeLinkPort } from './link-suite.ts';

describeLinkPort('createLinks over WebRTC and our signaling server', () => RealLinkNetwork.start());
