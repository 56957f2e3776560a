import { VirtualLinkNetwork } from '../support/virtual-links.ts';
import { describeLinkPort } from './link-suite.ts';

describeLinkPort('createLinks over a network in memory', async () => new VirtualLinkNetwork('contract'));
