"""Small requests for decisions that are endless, or take gigabytes: `decision_attacks.py NAME PORT SECONDS`."""

import struct
import time

from attack_run import CANCEL, main
from frames import END_HEADERS, HEADERS, RST_STREAM, data_frames, field, frame, grpc_headers, message

COUNTERFACTUAL = "/roicast.v1.DecisionService/FindCounterfactual"
OPTIMIZE = "/roicast.v1.DecisionService/OptimizeBudget"
PLAN = "/roicast.v1.DecisionService/PlanBudget"


def varint(number, value):
    """A field that is a whole number."""
    out = bytearray([number << 3])
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out) + bytes([value])


def double(number, value):
    return bytes([number << 3 | 1]) + struct.pack("<d", value)


def rows(count):
    """A RowInput of named values."""
    row = field(1, field(1, field(1, b"channel") + field(3, b"search")) + field(1, field(1, b"spend") + double(2, 500)))
    return field(6, row * count)


def problem(*more, count=1, budget=1e6):
    """A BudgetProblem."""
    return field(1, rows(count)) + double(3, budget) + b"".join(more)


def group(name, *limits):
    return field(10, field(1, name) + b"".join(limits))


def plan(body, periods):
    """A PlanBudgetRequest of days from 2025-03-01 on."""
    return field(2, body) + varint(3, periods) + varint(4, 1) + field(5, varint(1, 1740787200))


def changeable(*fields):
    """A FindCounterfactualRequest for a spend."""
    return field(2, rows(1)) + field(3, field(1, b"spend") + b"".join(fields)) + double(4, 5.0)


def ask(run, path, bodies, abandon):
    """Over and over: eight calls on a connection, with the bodies in turn. abandon: they are left by a reset, or with the
    connection; else they are waited for."""
    while run.goes_on():
        if not (attacker := run.connect()):
            continue
        streams = [attacker.stream() for _ in range(8)]
        for index, stream in enumerate(streams):
            attacker.send(frame(HEADERS, END_HEADERS, stream, grpc_headers(path)))
            attacker.push({stream: message(bodies[index % len(bodies)])}, run.goes_on)
        run.count("calls", len(streams))
        if abandon:
            time.sleep(0.1)
            attacker.skim()
            attacker.send(b"".join(frame(RST_STREAM, 0, stream, CANCEL) for stream in streams[:4]))
        else:
            try:
                attacker.await_answers(len(streams))
                run.count("answers", len(streams))
            except OSError:
                run.count("without an answer")
        attacker.close()


def endless_counterfactuals(run):
    """Steps that are nothing beside the values to which they are added."""
    ask(run, COUNTERFACTUAL, [changeable(double(4, 5e-324)),
                              changeable(double(2, 0.1), double(3, 123456.7), double(4, 1e-11))], abandon=True)


def many_amounts(run):
    """Sixteen million amounts, in 62 bytes."""
    ask(run, OPTIMIZE, [field(2, problem(double(5, 0.01), double(6, 159000), double(7, 0.01), budget=159000))],
        abandon=False)


def many_curves(run):
    """The same, and all of them are wanted."""
    ask(run, OPTIMIZE, [field(2, problem(double(5, 0.01), double(6, 9000), double(7, 0.01), budget=9000)) + varint(3, 1)],
        abandon=False)


def long_names(run):
    """A name, and as many groups as a plan may have, for each of 366 days."""
    ask(run, PLAN, [plan(problem(field(9, field(1, b"n" * (1 << 20)))), 366),
                    plan(problem(*[group(b"g%d" % index) for index in range(20000)]), 366),
                    plan(problem(field(9, field(1, b"n" * 1024) + field(8, b"g" * 1024)), group(b"g" * 1024)), 366)],
        abandon=False)


def many_groups(run):
    """A million groups; and as many as there may be, whose minima no steps make."""
    names = [b"g%d" % index for index in range(20000)]
    bounds = [field(9, double(2, 0) + double(3, 1000) + double(4, 500) + field(8, name)) for name in names[:10000]]
    allowed = problem(*bounds, *[group(name, double(2, 750) + double(3, 900)) for name in names[:10000]],
                      *[group(name) for name in names[10000:]], count=10000, budget=1e7)
    ask(run, OPTIMIZE, [field(2, problem(*[group(b"g%d" % index) for index in range(1000000)])), field(2, allowed)],
        abandon=True)


if __name__ == "__main__":
    main(globals())
