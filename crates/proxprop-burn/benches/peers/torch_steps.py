"""The same training steps by the authors' PyTorch layers (https://github.com/tfrerix/proxprop, MIT) on the CPU.

Takes a step for every line of its input and prints the seconds of each: `python3 torch_steps.py CHECKOUT NET MODE`, NET `mlp`
or `conv`, MODE `plain`, `prox_exact` (mlp only) or `prox_cgN`. Their file is read from the checkout; two names that PyTorch
has dropped since are put back. Knows nothing of the layers that it is compared with.
"""

import pathlib
import sys
import time
import types

import torch
from torch import nn

SAMPLES = 500


def authors(checkout):
    source = (pathlib.Path(checkout) / "ProxProp.py").read_text()
    source = source.replace("ctx.saved_variables", "ctx.saved_tensors")
    torch.gesv = lambda right, matrix: (torch.linalg.solve(matrix, right), None)
    module = types.ModuleType("ProxProp")
    exec(compile(source, "ProxProp.py", "exec"), module.__dict__)
    return module


def main():
    checkout, net, mode = sys.argv[1:]
    if mode == "plain":
        dense, conv = nn.Linear, nn.Conv2d
    else:
        module, settings = authors(checkout), {"tau_prox": 1.0, "optimization_mode": mode}
        dense = lambda *sizes: module.ProxPropLinear(*sizes, **settings)
        conv = lambda *sizes, **window: module.ProxPropConv2d(*sizes, **window, **settings)
    if net == "mlp":
        model = nn.Sequential(
            nn.Flatten(),
            *(dense(3072, 4000), nn.ReLU(), dense(4000, 1000), nn.ReLU(), dense(1000, 4000), nn.ReLU()),
            nn.Linear(4000, 10),
        )
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.95, nesterov=True)
    else:
        window = {"kernel_size": 5, "padding": 2}
        model = nn.Sequential(
            *(conv(3, 16, **window), nn.ReLU(), nn.MaxPool2d(2)),
            *(conv(16, 20, **window), nn.ReLU(), nn.MaxPool2d(2)),
            *(conv(20, 20, **window), nn.ReLU(), nn.Flatten()),
            nn.Linear(1280, 10),
        )
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    images = torch.rand(SAMPLES, 3, 32, 32)
    labels = torch.arange(SAMPLES) % 10
    loss_of = nn.CrossEntropyLoss()

    def step():
        begin = time.perf_counter()
        optimizer.zero_grad()
        loss_of(model(images), labels).backward()
        optimizer.step()
        return time.perf_counter() - begin

    for _ in sys.stdin:
        print(step(), flush=True)


if __name__ == "__main__":
    main()
