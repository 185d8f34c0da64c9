"""The same full-batch steps in NumPy, one thread, f32, with the memory of a step made beforehand.

Prints the median of a step in µs: `python3 numpy_steps.py RULE WIDTH SAMPLES SECONDS`. Knows nothing of the engine that it
is compared with: `main.rs` beside it has both take turns and makes the table.
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[name] = "1"

import statistics
import sys
import time

import numpy as np

TAU = np.float32(0.01)
CG_TOLERANCE = 0.01
GUARD = np.float32(1e-6)


class Net:
    """2-width-width-2, tanh, cross entropy of the softmax; `a` has a column of ones behind each layer's activations."""

    def __init__(self, width, samples):
        rng = np.random.default_rng(1)
        sizes = [2, width, width, 2]
        x = rng.uniform(-1, 1, (samples, 2)).astype(np.float32)
        self.labels = (np.hypot(x[:, 0], x[:, 1]) < 0.7).astype(np.int64)
        self.rows = np.arange(samples)
        self.thetas = [
            np.vstack([rng.normal(0, np.sqrt(2 / (i + o)), (i, o)), np.zeros((1, o))]).astype(np.float32)
            for i, o in zip(sizes, sizes[1:])
        ]
        self.a = [np.ones((samples, d + 1), np.float32) for d in sizes[:-1]]
        self.a[0][:, :-1] = x
        self.z = [np.empty((samples, d), np.float32) for d in sizes[1:]]
        self.directions = [np.empty_like(t) for t in self.thetas]
        self.grams = [np.empty((d + 1, d + 1), np.float32) for d in sizes[:-1]]

    def step(self, direction):
        last = len(self.thetas) - 1
        for l, theta in enumerate(self.thetas):
            np.matmul(self.a[l], theta, out=self.z[l])
            if l < last:
                np.tanh(self.z[l], out=self.a[l + 1][:, :-1])
        delta = self.z[last]
        delta -= delta.max(axis=1, keepdims=True)
        np.exp(delta, out=delta)
        delta /= delta.sum(axis=1, keepdims=True)
        n = np.float32(len(delta))
        loss = -np.log(delta[self.rows, self.labels]).sum() / n
        delta[self.rows, self.labels] -= 1
        delta /= n
        for l in range(last, -1, -1):
            np.matmul(self.a[l].T, delta, out=self.directions[l])
            if l < last:
                direction(self, l)
            if l > 0:
                below, a = self.z[l - 1], self.a[l][:, :-1]
                np.matmul(delta, self.thetas[l][:-1].T, out=below)
                np.multiply(below, 1 - a * a, out=below)
                delta = below
        for theta, d in zip(self.thetas, self.directions):
            theta -= TAU * d
        return loss


def backprop(net, l):
    """The gradient itself."""


def prox_exact(net, l):
    a, system = net.a[l], net.grams[l]
    np.matmul(a.T, a, out=system)
    system.flat[:: len(system) + 1] += 1
    net.directions[l][:] = np.linalg.solve(system, net.directions[l])


def prox_cg3(net, l):
    a, r = net.a[l], net.directions[l]
    d, p = np.zeros_like(r), r.copy()
    squares = np.einsum("ij,ij->j", r, r)
    initial = squares.mean()
    for _ in range(3):
        image = a.T @ (a @ p) + p
        alpha = squares / (np.einsum("ij,ij->j", p, image) + GUARD)
        d += alpha * p
        r -= alpha * image
        following = np.einsum("ij,ij->j", r, r)
        p = r + following / (squares + GUARD) * p
        squares = following
        if squares.max() < CG_TOLERANCE**2 * initial:
            break
    net.directions[l][:] = d


RULES = {"backprop": backprop, "prox-exact": prox_exact, "prox-cg3": prox_cg3}


def median(step, seconds):
    """Of rounds of at least 2 ms each, for so many seconds."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < 0.1:
        step()
    many = 1
    while True:
        begin = time.perf_counter()
        for _ in range(many):
            step()
        if time.perf_counter() - begin > 2e-3:
            break
        many *= 2
    rounds, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(rounds) < 5:
        begin = time.perf_counter()
        for _ in range(many):
            step()
        rounds.append((time.perf_counter() - begin) / many)
    return statistics.median(rounds)


if __name__ == "__main__":
    rule, width, samples, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    net = Net(width, samples)
    print(1e6 * median(lambda: net.step(RULES[rule]), seconds))
