/** All examples but the first. @module */
import { examples, runExamples } from './run-examples.ts';

runExamples(examples.slice(4));
