-- tools/widths, which `make lint` runs: what it calls too wide, and what it excuses.

local stage = require "spec.support.stage"

describe("tools/widths", function()
  after_each(stage.clear)

  local function said(text, name)
    return (stage.shell(("tools/widths '%s' || true"):format(stage.file(text, name or "text"))):gsub("^.*/", ""))
  end

  it("names a line of 121 columns, counted in characters", function()
    assert.equal("text:2: 121 columns\n", said("x\n" .. ("x"):rep(121) .. "\n" .. ("x"):rep(120) .. "\n"))
    assert.equal("", said(("é"):rep(120) .. "\n"))
    assert.equal("text:1: 121 columns\n", said(("é"):rep(121) .. "\n"))
    assert.equal("Makefile:1: 121 columns\n", said("\t" .. ("x"):rep(113) .. "\n", "Makefile"))
  end)

  it("excuses a URL or a picture that has its line for itself, and nothing beside one", function()
    local url = "https://example.com/" .. ("x"):rep(120)
    assert.equal("", said(("%s\n  .. \"%s\",\n![A picture](%s)\n- [A page](%s)\n"):format(url, url, url, url)))
    assert.truthy(said("See " .. url .. "\n"):find "^text:1:")
  end)

  it("finds nothing in the checkout", function()
    assert.equal("", stage.shell "tools/widths || true")
  end)
end)
