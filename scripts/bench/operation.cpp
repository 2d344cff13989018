// The C++ side of scripts/bench/operation: the loop of OperationBenchmark.swift on ATen itself.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

static double cpu_nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 5, count = argc > 2 ? atoi(argv[2]) : 200000;
  at::set_num_threads(1);
  c10::NoGradGuard off;
  auto a = at::ones({1}), b = at::ones({1});
  for (int i = 0; i < count / 10; ++i) at::Tensor sum = a + b;
  for (int round = 0; round < rounds; ++round) {
    double start = cpu_nanoseconds();
    for (int i = 0; i < count; ++i) at::Tensor sum = a + b;
    printf("add1 %.2f\n", (cpu_nanoseconds() - start) / count);
  }
}
