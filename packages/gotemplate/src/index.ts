export { GoTemplateError, type TemplateDiagnostic, type TemplatePosition } from './errors.ts';
export { type ExecuteOptions, execute } from './execute.ts';
export type { Template } from './nodes.ts';
export { builtinNames, type ParseOptions, type ParseResult, parse } from './parser.ts';
export type { GoFunction, GoValue, ParameterKind } from './values.ts';
export { type FieldUse, type FunctionUse, type TemplateUses, usesOf } from './walk.ts';
