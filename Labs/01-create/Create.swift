// Stage 1, create: a socket exists before it has an address.
//
//   Handout   Labs/01-create/README.md
//   Run       swift run create
//   Check     swift run lab check create

import LabSupport

@main
struct Create {
    static func main() {
        noArguments(usage: "create")

        let descriptor = makeSocket()
        if descriptor == -1 { fail("socket") }

        announce("created socket \(descriptor)")
        waitForEndOfInput()
    }
}

/// Step 1. Returns a new TCP socket for IPv4, or -1 with the reason in `errno`.
func makeSocket() -> Int32 {
    todo(1)
}
