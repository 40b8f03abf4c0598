--- What the user's browser shows once it came back to this program: the one place of these words.
-- Nothing of the request stands in a page (RFC 9700 section 4.2.4).

-- spec: spec/grant/user_login_spec.lua

local page = {}

local headers = {
  ["Content-Type"] = "text/html; charset=utf-8", ["Cache-Control"] = "no-store", ["Referrer-Policy"] = "no-referrer",
  ["Content-Security-Policy"] = "default-src 'none'", ["X-Content-Type-Options"] = "nosniff",
}

local frame = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>%s</title><h1>%s</h1><p>%s</p></html>\n'

local function reply(status, title, text)
  return { status = status, headers = headers, body = frame:format(title, title, text) }
end

--- The user is logged in.
function page.done()
  return reply(200, "You are logged in", "Go back to the program. You can close this page.")
end

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

--- The server, or the user, said no; or no token could be had.
---@param why string "" where only the program says it
function page.failed(why)
  local said = why == "" and "" or ("It failed: %s. "):format((why:gsub('[&<>"]', escapes)))
  return reply(200, "The login did not succeed", said .. "Go back to the program to see why. You can close this page.")
end

--- This request isn't the redirect.
function page.elsewhere()
  return reply(404, "Nothing here", "A login is waiting for another page.")
end

return page
