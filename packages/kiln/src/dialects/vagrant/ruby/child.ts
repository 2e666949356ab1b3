import { evaluate } from './evaluate.ts';
import { openImage } from './image-file.ts';
import type { EvaluationRequest } from './messages.ts';
import { ParentLine } from './parent-line.ts';

// What a child process does: one evaluation. Its parent limits its time and memory, and ends it when it has answered.
const parent = new ParentLine();
const request = parent.read() as EvaluationRequest;
const outcome = evaluate(openImage(request.image), request, parent);
parent.send({ kind: 'done', outcome });
// Taking down a process with this much WebAssembly in it in good order takes longer than all that went before.
process.kill(process.pid, 'SIGKILL');
