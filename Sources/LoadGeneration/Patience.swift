import Sockets

/// How long a server is waited for: a time in which nothing happens, and a longer one in which too little does.
struct Patience {
    private let plan: LoadPlan
    private var withNothing: Deadline
    private var whole: Deadline

    init(_ plan: LoadPlan) {
        self.plan = plan
        withNothing = plan.deadline
        whole = Deadline(.seconds(plan.patience * 5))
    }

    /// Whether nothing at all happened for as long as that may be.
    var hadNothing: Bool { withNothing.hasPassed }

    var isOver: Bool { withNothing.hasPassed || whole.hasPassed }

    /// To be called after each wait.
    mutating func note(_ somethingHappened: Bool) {
        whole.charge()
        if somethingHappened { withNothing = plan.deadline } else { withNothing.charge() }
    }
}
