"""The paper's perceptron 3072-4000-1000-4000-10 in PyTorch, f32, on the CPU: seconds of a step on a minibatch of 500.

`python3 torch_layers.py THREADS [STEPS]` prints a line per rule. BackProp is autograd's gradient; `exact` and `cg3` are the proximal steps of
Frerix et al. (2018, eq. 12) on layers of our own writing, in the published code's way: the system over a layer's inputs, for Θ itself
(`(ÂᵀÂ + I/τ_θ) Θ⁺ = Âᵀ(Z − G_Z) + Θ/τ_θ`), by Cholesky or by products with the minibatch. `rows` is the exact step with a system over the
minibatch's samples, which the lab takes. All go on by Nesterov's momentum. Knows nothing of the engine that it is compared with.
"""

import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

SIZES = [3072, 4000, 1000, 4000, 10]
BATCH, TAU_THETA, TOLERANCE = 500, 0.05, 0.01


def ones_behind(x):
    return torch.cat([x, x.new_ones(len(x), 1)], 1)


def conjugate_gradients(a, right, start, iterations):
    """(AᵀA + I/τ_θ) X = right, column by column, from `start`."""
    apply = lambda p: a.T @ (a @ p) + p / TAU_THETA
    x = start.clone()
    r = right - apply(x)
    p, square = r.clone(), (r * r).sum(0)
    first = square.mean()
    for _ in range(iterations):
        image = apply(p)
        alpha = square / ((p * image).sum(0) + 1e-6)
        x += alpha * p
        r -= alpha * image
        new = (r * r).sum(0)
        if new.max() < TOLERANCE**2 * first:
            break
        p = r + new / (square + 1e-6) * p
        square = new
    return x


class Proximal(torch.autograd.Function):
    """z = [x, 1] Θ whose parameters are answered by a proximal step in place of the gradient."""

    @staticmethod
    def forward(ctx, x, theta, rule):
        a = ones_behind(x)
        z = a @ theta
        ctx.rule = rule
        ctx.save_for_backward(a, theta, z)
        return z

    @staticmethod
    def backward(ctx, g):
        a, theta, z = ctx.saved_tensors
        below = g @ theta[:-1].T if ctx.needs_input_grad[0] else None
        if ctx.rule == "rows":
            kernel = a @ a.T
            kernel.diagonal().add_(1 / TAU_THETA)
            return below, a.T @ torch.cholesky_solve(g, torch.linalg.cholesky(kernel)), None
        right = a.T @ (z - g) + theta / TAU_THETA
        if ctx.rule == "exact":
            system = a.T @ a
            system.diagonal().add_(1 / TAU_THETA)
            new = torch.cholesky_solve(right, torch.linalg.cholesky(system))
        else:
            new = conjugate_gradients(a, right, theta, int(ctx.rule[2:]))
        return below, theta - new, None


class Net(nn.Module):
    def __init__(self, rule):
        super().__init__()
        self.rule = rule
        self.plain = nn.ModuleList(nn.Linear(i, o) for i, o in zip(SIZES, SIZES[1:]))
        last = len(self.plain) - 1
        if rule != "backprop":
            thetas = [torch.cat([l.weight.T, l.bias[None]]).detach() for l in self.plain[:last]]
            self.thetas = nn.ParameterList(nn.Parameter(t.contiguous()) for t in thetas)
            self.plain = self.plain[last:]

    def forward(self, x):
        if self.rule == "backprop":
            for layer in self.plain[:-1]:
                x = F.relu(layer(x))
        else:
            for theta in self.thetas:
                x = F.relu(Proximal.apply(x, theta, self.rule))
        return self.plain[-1](x)


def seconds(rule, steps):
    torch.manual_seed(1)
    net = Net(rule)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.95, nesterov=True)
    times = []
    for step in range(steps + 1):
        x, y = torch.rand(BATCH, SIZES[0]), torch.randint(SIZES[-1], (BATCH,))
        begin = time.perf_counter()
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
        # The first takes the memory.
        times += [time.perf_counter() - begin] if step else []
    return statistics.median(times)


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for rule in ["backprop", "exact", "rows", "cg3"]:
        print(f"{rule} {seconds(rule, steps):.3f}", flush=True)
