import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { makeImage } from './make-image.ts';
import { rubyPrelude } from './prelude.ts';

// A program of its own: `image-maker.ts RUBY IMAGE`.
const [, , ruby, image] = process.argv;
const temporary = `${image}.${process.pid}.tmp`;
writeFileSync(temporary, makeImage(readFileSync(ruby!), rubyPrelude()), { mode: 0o644 });
renameSync(temporary, image!);
