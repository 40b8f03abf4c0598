-- Ten million random doubles (DOUBLES=), written and read back. `make test` has 100,000, in json_encode_spec.

local core = require "airlock.core"

local count = tonumber(os.getenv "DOUBLES" or nil) or 10000000

-- All bits random: every exponent is as likely as any other.
local function random_double()
  local mantissa = math.random(0, 2 ^ 26 - 1) * 2 ^ 26 + math.random(0, 2 ^ 26 - 1)
  local exponent = math.random(-1023, 1023)
  local value = exponent == -1023 and mantissa * 2 ^ -1074 or (1 + mantissa * 2 ^ -52) * 2 ^ exponent
  return math.random() < 0.5 and -value or value
end

describe("soak:", function()
  it(("%d random doubles read back as they were written"):format(count), function()
    math.randomseed(os.time())
    local encode, decode = core.json.encode, core.json.decode
    local wrong, least, most = 0, math.huge, 0
    for _ = 1, count do
      local value = random_double()
      local text = encode(value)
      if decode(text) ~= value then
        wrong = wrong + 1
        io.stderr:write(("  %.17g became %s\n"):format(value, text))
      end
      least, most = math.min(least, #text), math.max(most, #text)
    end
    assert.equal(0, wrong)
    assert.is_true(least < 19 and most <= 24 + 1) -- "-2.2250738585072014e-308"
  end)
end)
