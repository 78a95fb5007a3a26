import { bulkheadScenarios } from './bulkhead.marbles.js';
import { circuitBreakerScenarios } from './circuit-breaker.marbles.js';
import { classScenarios } from './classes.marbles.js';
import { compositionScenarios } from './compositions.marbles.js';
import { deadlineScenarios } from './deadline.marbles.js';
import { fallbackScenarios } from './fallback.marbles.js';
import { runScenarios } from './harness.js';
import { loadShedScenarios } from './load-shed.marbles.js';
import { outcomeScenarios } from './outcomes.marbles.js';

runScenarios('withDeadline', deadlineScenarios);
runScenarios('fallbackTo', fallbackScenarios);
runScenarios('bulkhead', bulkheadScenarios);
runScenarios('loadShed', loadShedScenarios);
runScenarios('outcomes', outcomeScenarios);
runScenarios('classes of errors', classScenarios);
runScenarios('circuitBreaker', circuitBreakerScenarios);
runScenarios('compositions', compositionScenarios);
