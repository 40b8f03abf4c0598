-- How busted reports to tools/test: TAP, like its own handler, but also for mistakes outside of a test (a spec that
-- doesn't compile, a failing setup), and with a line before each test, so that a crash can be placed.

return function()
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()
  local count, problem = 0, nil

  local function say(...)
    io.write(table.concat { ... }, "\n")
    io.flush()
  end

  local function name_of(element)
    return (handler.getFullName(element):gsub("%s+", " "))
  end

  local function comment(text)
    say("# ", (text:gsub("%s+$", ""):gsub("\n", "\n# ")))
  end

  local function result(word, text)
    count = count + 1
    say(word, " ", tostring(count), " - ", text)
  end

  local function explain(p)
    local trace, message = p.trace or {}, p.message
    if type(message) == "table" then message = require("pl.pretty").write(message) end
    if trace.short_src then comment(trace.short_src .. ":" .. tostring(trace.currentline)) end
    comment(tostring(message or "no message"))
    if p.isError and trace.traceback then comment((trace.traceback:gsub("^\n", ""))) end
  end

  local function noted(is_error)
    return function(element, parent, message, trace)
      local p = handler.format(element, parent, message, trace, is_error)
      if element.descriptor == "it" then
        problem = p -- its test is about to end
      else
        result("not ok", element.descriptor == "file" and tostring(element.name) or name_of(element))
        explain(p)
      end
      return nil, true
    end
  end

  busted.subscribe({ "error" }, noted(true))
  busted.subscribe({ "failure" }, noted(false))

  busted.subscribe({ "test", "start" }, function(element)
    problem = nil
    say("# running ", name_of(element))
    return nil, true
  end)

  busted.subscribe({ "test", "end" }, function(element, _, status)
    if status == "success" then
      result("ok", name_of(element))
    elseif status == "pending" then
      local last = handler.pendings[#handler.pendings]
      local why = last and last.message and ": " .. tostring(last.message):gsub("%s+", " ") or ""
      result("ok", "# SKIP " .. name_of(element) .. why)
    else
      result("not ok", name_of(element))
      if problem then explain(problem) end
    end
    return nil, true
  end)

  busted.subscribe({ "suite", "end" }, function()
    say("1..", tostring(count))
    return nil, true
  end)

  return handler
end
