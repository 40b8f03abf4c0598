-- Keys of a server's set as some servers write them, and what is said of those that can't be read.

local core = require "airlock.core"

-- Made by openssl: the first byte of this key's x is 0.
local signature = "INyZST-uGCszn8k5uO33YaIABx1HdCBNSpI8U5CUZJKePP9Uozcldqf6_wVerdjoec4v53EJaqcApTg-UQZvOA"
local x, y = "AHGVQGNpVrgt8DVDmqC6TJHXqCj6oJ37UR5gtWGydSE", "yIY2gPI5HGj8NnH9s_uwWbEnvxUBPFVq66joGeVTVsU"

local function signed(x_text, y_text)
  return core.signed("ES256", core.json.encode { kty = "EC", crv = "P-256", x = x_text, y = y_text }, "text", signature)
end

describe("an EC key", function()
  it("is read with all bytes of its coordinates", function()
    assert.is_true(signed(x, y))
    local jwk = core.json.encode { kty = "EC", crv = "P-256", x = x, y = y }
    assert.is_false((core.signed("ES256", jwk, "another text", signature)))
  end)

  it("is read where a coordinate lacks its leading zero, or has one more", function()
    assert.is_true(signed("cZVAY2lWuC3wNUOaoLpMkdeoKPqgnftRHmC1YbJ1IQ", y))
    assert.is_true(signed("AABxlUBjaVa4LfA1Q5qgukyR16go-qCd-1EeYLVhsnUh",
      "AADIhjaA8jkcaPw2cf2z-7BZsSe_FQE8VWrrqOgZ5VNWxQ"))
  end)

  it("is read in padded base64 with its own letters", function()
    assert.is_true(signed("AHGVQGNpVrgt8DVDmqC6TJHXqCj6oJ37UR5gtWGydSE=",
      "yIY2gPI5HGj8NnH9s/uwWbEnvxUBPFVq66joGeVTVsU="))
  end)

  it("can't be read where a coordinate is missing, too long or of another point", function()
    for _, other in ipairs { "", "=", "AQ", y, "AAAA=AAA", x .. "===", "AQ" .. x } do
      local ok, why = signed(other, y)
      assert.is_nil(ok, other)
      assert.equal("is a JWK that can't be", why:sub(1, 22))
    end
  end)
end)
