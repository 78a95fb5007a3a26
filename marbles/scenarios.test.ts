import { circuitProbeScenarios } from './circuit-probe.marbles.js';
import { circuitBreakScenarios } from './circuit-break.marbles.js';
import { circuitTripScenarios } from './circuit-trip.marbles.js';
import { classScenarios } from './classes.marbles.js';
import { deadlineScenarios } from './deadline.marbles.js';
import { fallbackScenarios } from './fallback.marbles.js';
import { runScenarios } from './harness.js';
import { outcomeScenarios } from './outcomes.marbles.js';

runScenarios('withDeadline', deadlineScenarios);
runScenarios('fallbackTo', fallbackScenarios);
runScenarios('outcomes', outcomeScenarios);
runScenarios('classes of errors', classScenarios);
runScenarios('what opens a circuit', circuitTripScenarios);
runScenarios('how long a circuit stays open', circuitBreakScenarios);
runScenarios('the probes of a circuit', circuitProbeScenarios);
