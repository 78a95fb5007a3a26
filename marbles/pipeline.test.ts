import { runScenarios } from './harness.js';
import { pipelineScenarios } from './pipeline.marbles.js';

runScenarios('resiliencePipeline', pipelineScenarios);
