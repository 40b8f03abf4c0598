--- What specs expect again and again.

local assert = require "luassert"

local expect = {}

--- The results of a call that must have failed: a nil, a sentence and a detail with (at least) these fields. Gives the
--- detail and the sentence.
function expect.failure(wanted, value, message, detail)
  assert.is_true(value == nil, "it worked, but should have failed")
  assert.is_string(message)
  assert.is_table(detail)
  assert.is_truthy(#message > 10 and not message:find "%c", "not a sentence: " .. message)
  local found = {}
  for name in pairs(wanted) do found[name] = detail[name] end
  assert.same(wanted, found, message)
  return detail, message
end

--- A call that must raise, with this in its message; gives the message.
function expect.raise(text, f, ...)
  local ok, why = pcall(f, ...)
  assert.is_false(ok, "nothing was raised; expected: " .. text)
  why = tostring(why)
  assert.is_truthy(why:find(text, 1, true), ("%q should have %q in it"):format(why, text))
  return why
end

--- A call that must have worked: gives its results.
function expect.success(value, message, ...)
  if value == nil then error("failed: " .. tostring(message), 2) end
  return value, message, ...
end

return expect
