import { basename } from 'node:path';

/** What a template is written in, told by its content; the name only helps where that leaves a doubt. */
export type TemplateKind = 'kiln' | 'profile' | 'packer-json' | 'packer-hcl' | 'azure' | 'vagrant';

export function detectTemplateKind(file: string, text: string): TemplateKind {
  const name = basename(file);
  if (/\.pkr(?:vars)?\.(?:hcl|json)$/.test(name)) return 'packer-hcl';
  if (name === 'Vagrantfile' || /^\s*Vagrant\.configure/m.test(text)) return 'vagrant';
  const content = text.replace(/^\uFEFF/, '').trimStart();
  if (/^#cloud-config[ \t]*$/m.test(content.split('\n', 1)[0]!)) return 'profile';
  if (/^profile[ \t]*:/m.test(content) && !/^kiln[ \t]*:/m.test(content)) return 'profile';
  if (content.startsWith('{') || /\.json$/.test(name)) {
    if (/"type"\s*:\s*"Microsoft\.VirtualMachineImages\/imageTemplates"/i.test(content)) return 'azure';
    if (/^\{\s*"?kiln"?\s*:/.test(content)) return 'kiln';
    return isTemplateBody(content) ? 'azure' : 'packer-json';
  }
  if (/^\s*(?:packer|build|locals)\s*\{|^\s*(?:source|variable|data)\s+"[^"]*"/m.test(content)) {
    return /^kiln\s*:/m.test(content) ? 'kiln' : 'packer-hcl';
  }
  return 'kiln';
}

/** The body of a request for an image template names no type; Packer's templates have builders. */
function isTemplateBody(content: string): boolean {
  return (
    /"properties"\s*:/i.test(content) && /"distribute"\s*:/i.test(content) && !/"builders"\s*:/.test(content)
  );
}
