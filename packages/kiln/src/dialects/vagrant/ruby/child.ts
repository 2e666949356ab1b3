import { readFileSync } from 'node:fs';
import { evaluate } from './evaluate.ts';
import type { EvaluationRequest } from './messages.ts';
import { ParentLine } from './parent-line.ts';
import { wasm } from './web-assembly.ts';

// What a child process does: one evaluation. Its parent limits its time and memory, and ends it when it has answered.
const parent = new ParentLine();
const request = parent.read() as EvaluationRequest;
const outcome = evaluate(new wasm.Module(readFileSync(request.image)), request, parent);
parent.send({ kind: 'done', outcome });
// Taking down a process with this much WebAssembly in it in good order takes longer than all that went before.
process.kill(process.pid, 'SIGKILL');
