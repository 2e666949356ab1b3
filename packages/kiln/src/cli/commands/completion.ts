import { defineCommand, defineOptions } from '../command.ts';

export const completionOptions = defineOptions({});

export const completionCommand = defineCommand({
  name: 'completion',
  summary: 'Write the completion script for a shell',
  options: completionOptions,
  arguments: [
    { name: 'SHELL', description: 'bash, zsh or fish.', required: true, complete: ['bash', 'zsh', 'fish'] },
  ],
  examples: [
    { command: 'source <(kiln completion bash)', explanation: 'in ~/.bashrc' },
    { command: 'source <(kiln completion zsh)', explanation: 'in ~/.zshrc, after compinit' },
    { command: 'kiln completion fish > ~/.config/fish/completions/kiln.fish', explanation: 'once' },
  ],
  load: () => import('../actions/completion.ts'),
});
