import type { FoundInText } from './found-in-text.ts';

/** The forms of tokens that services give out, which are told by their looks alone, with what they are. */
const forms: readonly (readonly [form: RegExp, what: string])[] = [
  [/(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])/, 'an AWS access key id'],
  [
    /aws_?(?:secret|session)_?(?:access_?key|token)["']?\s*[=:]\s*["']?[A-Za-z0-9/+]{40}/i,
    'an AWS secret key',
  ],
  [/"type"\s*:\s*"service_account"/, 'a key of a Google Cloud service account'],
  [/(?<![\w-])AIza[\w-]{35}(?![\w-])/, 'a Google API key'],
  [/(?<![\w-])ya29\.[\w-]{20,}/, 'a Google access token'],
  [/(?<![\w-])GOCSPX-[\w-]{28}/, 'a Google client secret'],
  [/AccountKey=[A-Za-z0-9+/]{86}==/, 'a key of an Azure storage account'],
  [/SharedAccessKey=[A-Za-z0-9+/]{43}=/, 'an Azure shared access key'],
  [/(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/, 'an Azure client secret'],
  [/[?&]sig=[A-Za-z0-9%/+]{40,}/, 'an Azure shared access signature'],
  [/(?<!\w)gh[oprsu]_[A-Za-z0-9]{36,}/, 'a GitHub token'],
  [/(?<!\w)github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/, 'a GitHub token'],
  [/(?<![\w-])gl(?:pat|ptt|rt|dt|cbt|soat|ft|oas|agent|imt)-[\w.-]{20,}/, 'a GitLab token'],
  [/(?<![\w-])xox[abeoprs]-[A-Za-z0-9-]{20,}/, 'a Slack token'],
  [/(?<![\w-])xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{32,}/, 'a Slack token'],
  [/hooks\.slack\.com\/(?:services|workflows)\/T\w+\/\w+\/\w{16,}/, 'the address of a Slack webhook'],
  [/(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)/, 'an npm token'],
  [/(?<![\w-])pypi-AgE[\w-]{50,}/, 'a PyPI token'],
  [/(?<!\w)[rs]k_live_[A-Za-z0-9]{20,}/, 'a Stripe key'],
  [/(?<![\w-])SG\.[\w-]{22}\.[\w-]{43}(?![\w-])/, 'a SendGrid key'],
  [/(?<!\w)hv[bs]\.[\w-]{24,}/, 'a Vault token'],
  [/(?<!\w)do[opr]_v1_[a-f0-9]{64}/, 'a DigitalOcean token'],
  [/(?<!\w)hf_[A-Za-z]{34}(?!\w)/, 'a Hugging Face token'],
  [/(?<![\w-])sk-(?:ant|proj|svcacct)-[\w-]{40,}/, 'a key of an AI service'],
  [/(?<!\w)dckr_(?:pat|oat)_[\w-]{27,}/, 'a Docker Hub token'],
  [/(?<!\w)[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}/, 'a Terraform Cloud token'],
  [/(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])/, 'a Telegram bot token'],
  [
    /\/\/[^\s:/@]+\/?[^\s]*:_(?:authToken|auth|password)\s*=\s*["']?(?!\$\{)[^\s"']{8,}/,
    "a token in npm's settings",
  ],
  [/client-key-data:\s*[A-Za-z0-9+/=]{60,}/, "a private key in a Kubernetes client's settings"],
];

/** All forms at once: most files have none, and one pass says so. */
const anyForm = new RegExp(
  forms.map(([form]) => `(?:${form.flags.includes('i') ? anyCase(form.source) : form.source})`).join('|'),
);

/** Tokens in a text. Examples of manuals, which say that they are, do not count. */
export function findTokens(text: string): FoundInText[] {
  if (!anyForm.test(text)) return [];
  const found: FoundInText[] = [];
  for (const [form, what] of forms) {
    for (const match of text.matchAll(new RegExp(form, `${form.flags}g`))) {
      if (!isPlaceholder(match[0])) found.push({ kind: 'token', what, at: match.index });
    }
  }
  return found;
}

/** What manuals write where a token should be; the name of a setting may stand before it. */
function isPlaceholder(match: string): boolean {
  const value = match.slice(match.indexOf('=') + 1).trim() || match;
  return /example|xxxx|0000000000|^["']?my[_-]?(?:token|password|auth)/i.test(value);
}

function anyCase(source: string): string {
  return `(?i:${source})`;
}
