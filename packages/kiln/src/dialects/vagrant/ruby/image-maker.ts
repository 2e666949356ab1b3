import { readFileSync, renameSync } from 'node:fs';
import { writeImage } from './image-file.ts';
import { makeImage } from './make-image.ts';
import { rubyPrelude } from './prelude.ts';

// A program of its own: `image-maker.ts RUBY IMAGE`.
const [, , ruby, image] = process.argv;
const temporary = `${image}.${process.pid}.tmp`;
writeImage(temporary, makeImage(readFileSync(ruby!), rubyPrelude()));
renameSync(temporary, image!);
