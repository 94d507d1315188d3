import { startLabTarget } from './lab-target.js';
import { armClientSuite } from './suite.js';

armClientSuite('the lab', () => startLabTarget());
