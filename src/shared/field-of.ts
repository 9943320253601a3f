/**
 * From a descriptor to a field.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { access, type NumberAccess } from '../memory/views.ts';
import { arrayField } from './array-field.ts';
import type { FieldType } from './descriptors.ts';
import type { Field } from './field.ts';
import { flagField } from './flag-field.ts';
import { numberField } from './number-field.ts';
import { isStruct, structField } from './struct-field.ts';
import { isSyncClass, syncField } from './sync-field.ts';
import { textField } from './text-field.ts';

const LINE = 64;
const numbers = new Map<string, Field>(
  Object.values(access).map((each) => [each.name, numberField(each as NumberAccess<number>)]),
);

/** @throws InvalidOptionError when it describes nothing */
export function fieldOf(type: FieldType, name: string): Field {
  if (typeof type === 'function') {
    if (isSyncClass(type)) return syncField(type, []);
    if (isStruct(type)) return structField(type);
  } else if (typeof type === 'object' && type !== null && 'kind' in type) {
    switch (type.kind) {
      case 'boolean':
        return flagField;
      case 'string':
        return textField(type.bytes);
      case 'array':
        return arrayField(fieldOf(type.of, name), type.length);
      case 'padded':
        return paddedField(fieldOf(type.of, name));
      case 'sync':
        if (isSyncClass(type.class)) return syncField(type.class, type.args);
        break;
      default: {
        const number = numbers.get(type.kind);
        if (number !== undefined) return number;
      }
    }
  }
  const types =
    'int8 … float64, bigint64, boolean, string(bytes), array(of, length), padded(of), a struct, or a Lock or one of its kin';
  throw new InvalidOptionError(`Field '${name}' cannot be ${inspect(type, { depth: 0 })}. Fields are ${types}.`);
}

/** On lines of its own: nothing else begins on its last one. */
const paddedField = (of: Field): Field => ({
  ...of,
  bytes: Math.ceil(of.bytes / LINE) * LINE,
  align: LINE,
  text: `padded(${of.text})`,
});
