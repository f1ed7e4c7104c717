# Headers keep their folders: #include <handgrad/nn/mlp.h>.
