import { mutationTests } from './tests-of.js';

export default mutationTests(['test/core/**/*.test.ts'], 100);
